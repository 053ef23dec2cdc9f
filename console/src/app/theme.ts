import { createTheme, type CSSVariablesResolver } from "@mantine/core";

const FONT = '"Inter Variable", system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';

export const theme = createTheme({
  fontFamily: FONT,
  headings: { fontFamily: FONT },
  primaryColor: "steel",
  primaryShade: { light: 7, dark: 7 },
  defaultRadius: 3,
  cursorType: "pointer",
  respectReducedMotion: true,
  fontSizes: { xs: "12px", sm: "13px", md: "13px", lg: "15px", xl: "18px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  colors: {
    steel: ["#eef4f9", "#dbe7f0", "#b7cfe0", "#92b6d0", "#6f9dc0", "#4f86b0", "#36719d", "#1f5a86", "#184a70", "#103755"],
  },
  components: {
    Button: { defaultProps: { size: "xs" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    TextInput: { defaultProps: { size: "xs" } },
    PasswordInput: { defaultProps: { size: "xs" } },
    NumberInput: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs" } },
    MultiSelect: { defaultProps: { size: "xs" } },
    TagsInput: { defaultProps: { size: "xs" } },
    Textarea: { defaultProps: { size: "xs" } },
    SegmentedControl: { defaultProps: { size: "xs" } },
    Checkbox: { defaultProps: { size: "xs" } },
    Switch: { defaultProps: { size: "xs" } },
    Modal: { defaultProps: { centered: true, size: "sm", transitionProps: { duration: 80 } } },
    Drawer: { defaultProps: { transitionProps: { duration: 80 } } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
  },
});

const surfaces = {
  "--mantine-color-body": "var(--sw-panel)",
  "--mantine-color-text": "var(--sw-text)",
  "--mantine-color-dimmed": "var(--sw-dim)",
  "--mantine-color-default": "var(--sw-raised)",
  "--mantine-color-default-hover": "var(--sw-hover)",
  "--mantine-color-default-border": "var(--sw-edge)",
  "--mantine-color-placeholder": "var(--sw-dim)",
  "--mantine-color-error": "var(--sw-alarm)",
  "--mantine-color-anchor": "var(--sw-accent)",
};

/** Mantine's own surfaces take the console's greys. */
export const variables: CSSVariablesResolver = () => ({
  variables: { "--mantine-line-height": "20px" },
  light: surfaces,
  dark: surfaces,
});

import string

import yaml
from hypothesis import given
from hypothesis import strategies as st

from sitewarden.services.site_yaml import dump, load

WORDS = st.sampled_from(
    ["no", "y", "~", "null", "1e5", "0x1f", "007", "12:30", "2026-01-01", "+.5", "1_000", "=", "<<", "0o7", ".inf", "true", "-0"]
)
TEXTS = st.one_of(WORDS, st.text(max_size=40), st.text(string.printable, max_size=40))
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS)
VALUES = st.recursive(SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)))


@given(st.dictionaries(TEXTS.filter(lambda key: key != "sitewarden"), VALUES, max_size=6))
def test_what_is_dumped_loads_as_it_was(content: dict[str, object]) -> None:
    assert load(dump(content)) == content


@given(st.dictionaries(TEXTS.filter(lambda key: key != "sitewarden"), TEXTS, max_size=6))
def test_texts_are_texts_for_a_yaml_1_1_reader_too(content: dict[str, str]) -> None:
    other = yaml.safe_load(dump(content))
    del other["sitewarden"]
    assert other == content

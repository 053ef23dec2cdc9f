"""What the simulated cameras see: a yard with a building, a car with a plate, a walker, and the camera's clock."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

LOOP: Final = 24.0
"""Seconds after which everything that moves is where it was."""

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]

PALETTES: Final[tuple[dict[str, Colour], ...]] = (
    {"sky": (168, 196, 216), "low": (214, 222, 224), "wall": (186, 178, 164), "road": (96, 98, 102), "grass": (112, 134, 92)},
    {"sky": (52, 62, 88), "low": (128, 112, 118), "wall": (104, 98, 100), "road": (58, 60, 66), "grass": (56, 70, 58)},
    {"sky": (196, 202, 206), "low": (220, 222, 222), "wall": (150, 128, 112), "road": (112, 112, 112), "grass": (134, 138, 110)},
)
CARS: Final[tuple[Colour, ...]] = ((158, 44, 40), (42, 84, 142), (206, 206, 202), (52, 98, 72))
LETTERS: Final = "ABCDEFGHJKLMNPRSTUVWXYZ"


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for name in ("DejaVuSansMono-Bold.ttf", "DejaVuSans-Bold.ttf", "LiberationMono-Bold.ttf"):
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


class Scene:
    """Draws frames of one camera. What never moves is drawn once; a frame costs about 1 ms at 640 x 360."""

    def __init__(self, name: str, width: int = 640, height: int = 360, seed: int | None = None) -> None:
        self.width, self.height = width, height
        self.name = name
        draw = random.Random(name if seed is None else seed)
        self._palette = PALETTES[draw.randrange(len(PALETTES))]
        self.plate = (
            "".join(draw.choice(LETTERS) for _ in range(3))
            + str(draw.randrange(1, 10))
            + draw.choice("ABCDEFGHJ")
            + f"{draw.randrange(100):02d}"
        )
        self._phase = draw.random() * LOOP
        self._mirror = draw.random() < 0.5
        self._unit = height / 360
        self._inside = "lobby" in name
        self._road = (int(height * 0.50), int(height * 0.73)) if self._inside else (int(height * 0.66), int(height * 0.90))
        self._still = self._background(draw)
        self._car = self._draw_car(draw.choice(CARS))
        coat = draw.randrange(3)
        self._walkers = [self._draw_walker(step / 12, coat) for step in range(12)]
        self._front = self._draw_lobby() if self._inside else None
        self._clock_font = _font(max(11, int(15 * self._unit)))

    def frame(self, seconds: float, now: int | None = None) -> Picture:
        """Return the picture at `seconds` of the scene as rows x columns x RGB; `now` (microseconds) is the clock's time."""
        picture = self._still.copy()
        turn = (seconds + self._phase) % LOOP
        if self._front is not None:
            self._place_car(picture, turn)
            picture.paste(self._front, (0, 0), self._front)
            self._place_walker(picture, turn)
        else:
            self._place_walker(picture, turn)
            self._place_car(picture, turn)
        if now is not None:
            self._place_clock(picture, now)
        return np.asarray(picture)

    def _place_car(self, picture: Image.Image, turn: float) -> None:
        travel = (turn % 12.0) / 8.0
        if travel > 1.0:
            return
        eased = travel - math.sin(2 * math.pi * travel) / (2 * math.pi) * 0.55
        across = int(-self._car.width + (self.width + 2 * self._car.width) * eased)
        lane = 14 if turn >= 12.0 else 6
        picture.paste(self._car, (across, self._road[1] - self._car.height - int(lane * self._unit)), self._car)

    def _place_walker(self, picture: Image.Image, turn: float) -> None:
        way = turn / LOOP
        back = way > 0.5
        along = 2 * way if not back else 2 - 2 * way
        sprite = self._walkers[int(turn * 14) % 12]
        if back != self._mirror:
            sprite = sprite.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        x = int((0.08 + 0.8 * along) * self.width) if not self._mirror else int((0.88 - 0.8 * along) * self.width)
        feet = int(self.height * 0.93) if self._inside else self._road[0] + int(4 * self._unit)
        picture.paste(sprite, (x, feet - sprite.height), sprite)

    def _place_clock(self, picture: Image.Image, now: int) -> None:
        moment = datetime.fromtimestamp(now / 1_000_000, UTC)
        text = f"{self.name.upper()}  {moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 100_000} UTC"
        pen = ImageDraw.Draw(picture)
        margin = int(8 * self._unit)
        left, top, right, bottom = pen.textbbox((margin, margin), text, font=self._clock_font)
        pad = int(3 * self._unit)
        pen.rectangle((left - pad, top - pad, right + pad, bottom + pad), fill=(16, 18, 20))
        pen.text((margin, margin), text, fill=(236, 238, 240), font=self._clock_font)

    def _background(self, draw: random.Random) -> Image.Image:
        width, height, unit, palette = self.width, self.height, self._unit, self._palette
        top, low = np.array(palette["sky"]), np.array(palette["low"])
        ramp = np.linspace(0, 1, height)[:, None, None]
        sky = (top * (1 - ramp) + low * ramp).repeat(width, axis=1)
        still = Image.fromarray(sky.astype(np.uint8))
        pen = ImageDraw.Draw(still)
        base = self._road[0] - int(height * 0.05)
        ground = base - int(height * 0.09)
        pen.rectangle((0, ground, width, height), fill=palette["grass"])
        left, right = int(width * 0.16), int(width * 0.78)
        roof = int(height * 0.17)
        pen.rectangle((left, roof, right, base), fill=palette["wall"])
        pen.rectangle((left - int(4 * unit), roof - int(7 * unit), right + int(4 * unit), roof), fill=(88, 84, 82))
        span = (right - left) / 7
        for column in range(7):
            for row in range(2):
                x = int(left + span * (column + 0.22))
                y = int(roof + (16 + 46 * row) * unit)
                lit = draw.random() < 0.35
                glass = (226, 204, 138) if lit else (78, 94, 110)
                pen.rectangle((x, y, int(x + span * 0.56), int(y + 30 * unit)), fill=glass, outline=(60, 60, 62))
        door = int(left + span * 5.1)
        pen.rectangle((door, base - int(height * 0.18), int(door + span * 0.8), base), fill=(70, 58, 50))
        pen.rectangle(
            (int(door + span * 0.62), base - int(height * 0.09), int(door + span * 0.70), base - int(height * 0.07)),
            fill=(210, 190, 90),
        )
        pen.rectangle((0, base, width, self._road[0]), fill=(168, 166, 160))
        pen.rectangle((0, self._road[0], width, self._road[1]), fill=palette["road"])
        pen.rectangle((0, self._road[0], width, self._road[0] + int(3 * unit)), fill=(196, 194, 188))
        middle = (self._road[0] + self._road[1]) // 2
        for x in range(0, width, int(46 * unit)):
            pen.rectangle((x, middle, x + int(22 * unit), middle + max(1, int(2 * unit))), fill=(216, 214, 200))
        for _ in range(5):
            x, size = draw.randrange(width), int((16 + draw.randrange(14)) * unit)
            green = tuple(max(0, value - 22 - draw.randrange(20)) for value in palette["grass"])
            y = int(height * 0.95)
            pen.ellipse((x - size, y - size // 2, x + size, y + size), fill=green)
        still = still.filter(ImageFilter.GaussianBlur(0.6 * unit))
        noise = np.random.default_rng(draw.randrange(1 << 30)).normal(0, 2.2, (height, width, 1))
        return Image.fromarray(np.clip(np.asarray(still).astype(np.float32) + noise, 0, 255).astype(np.uint8))

    def _draw_lobby(self) -> Image.Image:
        """The room that the camera hangs in, with the street behind its glass front."""
        width, height = self.width, self.height
        front = Image.new("RGBA", (width, height), (198, 214, 222, 26))
        pen = ImageDraw.Draw(front)

        def fill(left: float, top: float, right: float, bottom: float, *colour: int) -> None:
            pen.rectangle((left * width, top * height, right * width, bottom * height), fill=colour)

        fill(0, 0, 1, 0.13, 196, 188, 176, 255)
        fill(0, 0.13, 1, 0.155, 64, 66, 70, 255)
        floor = 0.765
        fill(0, floor, 1, 1, 150, 142, 132, 255)
        for number in range(-6, 18):
            top, low = 0.5 + (number / 11 - 0.5) * 0.9, 0.5 + (number / 11 - 0.5) * 1.7
            pen.line((top * width, floor * height, low * width, height), fill=(134, 126, 116, 255), width=max(1, int(self._unit)))
        for depth in (0.80, 0.85, 0.92):
            pen.line((0, depth * height, width, depth * height), fill=(134, 126, 116, 255), width=max(1, int(self._unit)))
        fill(0, floor - 0.02, 1, floor, 64, 66, 70, 255)
        for bar in (0.0, 0.22, 0.42, 0.58, 0.78, 0.985):
            fill(bar, 0.13, bar + 0.014, floor, 64, 66, 70, 255)
        for handle in (0.482, 0.512):
            fill(handle, 0.44, handle + 0.007, 0.62, 186, 188, 190, 255)
        fill(0.50, 0.155, 0.506, floor, 64, 66, 70, 255)
        fill(0.03, 0.63, 0.20, 0.90, 112, 80, 54, 255)
        fill(0.02, 0.61, 0.21, 0.645, 168, 128, 90, 255)
        fill(0.09, 0.545, 0.135, 0.605, 40, 42, 46, 255)
        fill(0.10, 0.60, 0.125, 0.615, 40, 42, 46, 255)
        for leaf in range(9):
            angle = math.pi * (0.12 + 0.76 * leaf / 8)
            tip = ((0.905 + 0.055 * math.cos(angle)) * width, (0.70 - 0.20 * math.sin(angle)) * height)
            pen.line((0.905 * width, 0.74 * height, *tip), fill=(70, 112, 66, 255), width=max(2, int(6 * self._unit)))
        fill(0.875, 0.74, 0.935, 0.87, 92, 90, 88, 255)
        return front.filter(ImageFilter.GaussianBlur(0.5 * self._unit))

    def _draw_car(self, colour: Colour) -> Image.Image:
        unit = self._unit * 4
        width, height = int(150 * unit), int(62 * unit)
        car = Image.new("RGBA", (width, height), (0, 0, 0, 0))
        pen = ImageDraw.Draw(car)

        def at(*points: float) -> list[float]:
            return [value * unit for value in points]

        dark = tuple(int(value * 0.72) for value in colour)
        pen.ellipse(at(6, 52, 146, 62), fill=(20, 20, 20, 90))
        pen.polygon(at(34, 24, 52, 4, 104, 4, 124, 24), fill=dark)
        pen.polygon(at(40, 24, 55, 8, 76, 8, 76, 24), fill=(150, 176, 190))
        pen.polygon(at(80, 24, 80, 8, 101, 8, 116, 24), fill=(150, 176, 190))
        pen.rounded_rectangle(at(4, 22, 146, 52), radius=9 * unit, fill=colour)
        pen.rectangle(at(4, 38, 146, 42), fill=dark)
        pen.ellipse(at(138, 26, 146, 34), fill=(246, 240, 200))
        pen.rectangle(at(4, 27, 8, 35), fill=(190, 40, 36))
        for x in (34, 116):
            pen.ellipse(at(x - 13, 36, x + 13, 62), fill=(24, 24, 26))
            pen.ellipse(at(x - 6, 43, x + 6, 55), fill=(150, 152, 156))
        pen.rounded_rectangle(at(53, 36, 99, 51), radius=1.5 * unit, fill=(244, 244, 240), outline=(40, 40, 90), width=int(unit))
        pen.text((76 * unit, 43.5 * unit), self.plate, fill=(16, 16, 20), font=_font(int(9.5 * unit)), anchor="mm")
        return car.resize((width // 4, height // 4), Image.Resampling.LANCZOS)

    def _draw_walker(self, phase: float, look: int) -> Image.Image:
        unit = self._unit * (6 if self._inside else 4)
        size = (int(44 * unit), int(92 * unit))
        person = Image.new("RGBA", size, (0, 0, 0, 0))
        pen = ImageDraw.Draw(person)
        swing = math.sin(2 * math.pi * phase)
        coat = ((44, 58, 86), (122, 62, 50), (70, 84, 60))[look]
        hip, knee = (22 * unit, 52 * unit), 70
        for side in (1, -1):
            foot = (22 + side * swing * 13) * unit
            bend = (22 + side * swing * 6 + 2) * unit
            pen.line((*hip, bend, knee * unit), fill=(36, 38, 44), width=int(7 * unit))
            pen.line((bend, knee * unit, foot, 88 * unit), fill=(36, 38, 44), width=int(6 * unit))
            pen.ellipse((foot - 4 * unit, 85 * unit, foot + 7 * unit, 90 * unit), fill=(26, 24, 24))
            hand = (22 - side * swing * 12) * unit
            pen.line((22 * unit, 26 * unit, hand, 50 * unit), fill=tuple(v - 16 for v in coat), width=int(5 * unit))
        pen.rounded_rectangle((14 * unit, 20 * unit, 30 * unit, 56 * unit), radius=6 * unit, fill=coat)
        pen.ellipse((15 * unit, 4 * unit, 29 * unit, 20 * unit), fill=(206, 168, 140))
        pen.pieslice((14 * unit, 2 * unit, 30 * unit, 20 * unit), 170, 370, fill=(58, 44, 36))
        return person.resize((size[0] // 4, size[1] // 4), Image.Resampling.LANCZOS)

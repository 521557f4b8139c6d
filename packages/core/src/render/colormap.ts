/** The colours a map can be drawn in. All but `jet` have a lightness that only grows, so that brighter means more. */
export type ColormapName = SequentialName | 'diverging';
type SequentialName = keyof typeof tables | 'jet' | 'gray';
type Colour = readonly [red: number, green: number, blue: number];

/**
 * 33 evenly spaced colours (hex, RGB) of matplotlib's maps, which are CC0: viridis, inferno and magma by Stéfan van der
 * Walt and Nathaniel Smith; cividis by Nuñez, Anderton and Renslow, PLoS ONE 13(7), 2018. Linear in between, they are
 * within 6 of 255 of the full tables.
 */
const tables = {
  viridis:
    '440154470d6048186a482374472d7b4536814240863f49893b528b375a8d33638d2f6a8e2c728e297a8e26818e23898e219' +
    '08c1f988b1f9f8821a68528ae8031b57b3ebc744cc26c5dc9636ece5882d34c96d83fabdc32c0df24d5e21aeae51afde725',
  cividis:
    '00224e00285b002e6a0433711a386f273e6e32436d3b496c434e6c4b546c52596d5a5f6e61656f686a716f70737576767c7' +
    'b788481798b8778938d789b9376a39a75aba072b3a670bbad6cc3b469ccba64d4c15fddc958e6d051efd748f8df3cfee838',
  inferno:
    '0000040403120b0724150b37210c4a2e0a5a3c09654a0c6b57106d63146e70196e7d1e6d89226a962766a32b61af315cbb3' +
    '755c63e4dd14644db4f3be35932eb6528f1711ef67f14f98d0afb9c06fcab0ffbba1ff9ca32f5d949f2e865f3f586fcffa4',
  magma:
    '0000040303110a0822130d331d114628115a36106a430f7650127c5d177f691c817621818226818f2a819c2e7fa9327db63' +
    '779c33b75cf4170db486ae65163ee5c5ef5695cf9785dfb8761fd9668fea571feb47bfec387fed194fde0a2fceeb0fcfdbf',
} as const;

export const colormapNames: readonly ColormapName[] = [
  'viridis',
  'cividis',
  'inferno',
  'magma',
  'gray',
  'jet',
  'diverging',
];

/**
 * A map's 256 colours, three bytes each. `diverging` runs from blue (-1) over white (0, at 127.5) to red (+1).
 */
export function colormapTable(name: ColormapName): Uint8ClampedArray {
  const known = built.get(name);
  if (known) return known;
  const table = new Uint8ClampedArray(256 * 3);
  for (let i = 0; i < 256; i++) table.set(colourAt(name, i / 255), i * 3);
  built.set(name, table);
  return table;
}

const built = new Map<ColormapName, Uint8ClampedArray>();

/** The colour at `t` from 0 to 1, in sRGB from 0 to 255; fractions are left to the caller's rounding. */
function colourAt(name: ColormapName, t: number): Colour {
  if (name === 'gray') return [t * 255, t * 255, t * 255];
  if (name === 'jet') return [jetChannel(t, 0.75), jetChannel(t, 0.5), jetChannel(t, 0.25)];
  if (name === 'diverging') return divergingColour(2 * t - 1);
  const table = tables[name];
  const position = t * (table.length / 6 - 1);
  const index = Math.min(Math.floor(position), table.length / 6 - 2);
  const channel = (i: number, c: number): number => Number.parseInt(table.slice(i * 6 + c * 2, i * 6 + c * 2 + 2), 16);
  const mix = (c: number): number =>
    channel(index, c) + (channel(index + 1, c) - channel(index, c)) * (position - index);
  return [mix(0), mix(1), mix(2)];
}

/** MATLAB's jet: each channel a trapezoid around its centre. */
function jetChannel(t: number, center: number): number {
  return 255 * Math.max(0, Math.min(1, 1.5 - 4 * Math.abs(t - center)));
}

/**
 * Blue and red arms that fall from white at one pace in lightness and gain as much chroma, so that neither sign looks
 * stronger. Mixed in OKLab (Björn Ottosson, "A perceptual color space for image processing", 2020).
 */
function divergingColour(signed: number): Colour {
  const strength = Math.abs(signed);
  const hue = ((signed < 0 ? 256 : 27) * Math.PI) / 180;
  const chroma = 0.17 * strength;
  return oklabToRgb(0.98 - 0.46 * strength, chroma * Math.cos(hue), chroma * Math.sin(hue));
}

function oklabToRgb(lightness: number, a: number, b: number): Colour {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encode(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** Linear light to sRGB, 0 to 255. */
function encode(linear: number): number {
  const value = Math.max(0, Math.min(1, linear));
  return 255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);
}

export { colorize } from './colorize.js';
export { type ColormapName, colormapNames, colormapTable } from './colormap.js';
export { type OverlayMap, type OverlayOptions, overlay } from './overlay.js';
export { type HeatMap, placeMap } from './place.js';
export { type Scale, type ScaleOptions, scaleOf } from './scale.js';

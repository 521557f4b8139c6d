/** The version of saywhy, which every result carries. */
export const version = '0.1.0';

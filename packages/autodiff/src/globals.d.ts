// The globals that Node and browsers share and that this package uses: neither's types are wanted here.
declare global {
  class TextDecoder {
    decode(bytes: Uint8Array): string;
  }
  class TextEncoder {
    encode(text: string): Uint8Array<ArrayBuffer>;
  }
}

export {};

/** A series as the service packs it: little-endian values in base64. */
export function floatsOf({ base64 }: { readonly base64: string }): Float32Array {
  const { buffer } = bytesOf({ base64 });
  return new Float32Array(buffer);
}

/** Browsers older than 2025 have the slow way alone. */
const { fromBase64 } = Uint8Array as { readonly fromBase64?: (base64: string) => Uint8Array<ArrayBuffer> };

export function bytesOf({ base64 }: { readonly base64: string }): Uint8Array<ArrayBuffer> {
  return fromBase64?.(base64) ?? Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

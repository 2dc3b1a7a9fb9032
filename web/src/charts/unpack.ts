/** A series as the service packs it: little-endian values in base64. */
export function floatsOf({ base64 }: { readonly base64: string }): Float32Array {
  const { buffer } = bytesOf({ base64 });
  return new Float32Array(buffer);
}

export function bytesOf({ base64 }: { readonly base64: string }): Uint8Array<ArrayBuffer> {
  // Browsers older than 2025 have the slow way alone.
  if ('fromBase64' in Uint8Array) return Uint8Array.fromBase64(base64);
  return (Uint8Array as Uint8ArrayConstructor).from(atob(base64), (letter) => letter.charCodeAt(0));
}

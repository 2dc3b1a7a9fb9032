/** A series as the service packs it: little-endian values in base64. */
export function floatsOf({ base64 }: { readonly base64: string }): Float32Array {
  const { buffer } = bytesOf({ base64 });
  return new Float32Array(buffer);
}

export function bytesOf({ base64 }: { readonly base64: string }): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

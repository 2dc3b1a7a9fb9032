/** Whether nothing but this machine reaches the address or name; one of IPv6 with or without a URL's brackets. */
export function isLoopback(host: string | undefined): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)$/i.test(host ?? '');
}

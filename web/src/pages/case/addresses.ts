/** Where the page asks first, also before its code is there. */
export const caseAddress = (id: string): string => `/api/v1/cases/${encodeURIComponent(id)}`;
export const curveAddress = (id: string): string => `${caseAddress(id)}/curve`;

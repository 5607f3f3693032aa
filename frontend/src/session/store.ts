/** The credential of this tab. It lives in sessionStorage: gone with the tab, never sent by itself. */

const KEY = "footnote.token";

export const loadToken = (): string | null => sessionStorage.getItem(KEY);
export const saveToken = (token: string): void => sessionStorage.setItem(KEY, token);
export const clearToken = (): void => sessionStorage.removeItem(KEY);

/** The path the app is served under, with a slash at its end: the server writes it into `<base href>`. */
export const basePath: string = new URL(document.baseURI).pathname;

/** A path of the server as the browser must ask for it. */
export const at = (path: string): string => basePath + path.replace(/^\//, "");

const meta = (name: string) => document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content;

/** `[api] instance_name`. */
export const instanceName: string = meta("tradewind-instance") ?? "Tradewind";

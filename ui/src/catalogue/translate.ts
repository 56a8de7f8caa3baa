import { chooseParticles } from "./particles";
import type { Catalogue, Key, Message, Rest } from "./types";

/** Looks a text up and fills its places. */
export type Translate = <K extends Key>(key: K, ...rest: Rest<K>) => string;

function find(catalogue: Catalogue, key: string): Message | undefined {
  let at: unknown = catalogue;
  for (const part of key.split(".")) at = (at as Record<string, unknown> | undefined)?.[part];
  return at as Message | undefined;
}

/** Makes the function for one language. Numbers get the separators of the language. */
export function translator(catalogue: Catalogue, locale: string): Translate {
  const plurals = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  const finish = locale === "ko" ? chooseParticles : (text: string) => text;
  return (key, ...rest) => {
    const values = (rest[0] ?? {}) as Record<string, string | number>;
    const message = find(catalogue, key);
    if (message === undefined) return key;
    let text: string;
    if (typeof message === "string") text = message;
    else {
      const count = Number(values.count);
      const category = plurals.select(count);
      text = (count === 0 ? message.zero : undefined) ?? (category === "one" ? message.one : undefined) ?? message.other;
    }
    const filled = text.replace(/\{(\w+)\}/g, (place, name: string) => {
      const value = values[name];
      if (value === undefined) return place;
      return typeof value === "number" ? numbers.format(value) : value;
    });
    return finish(filled);
  };
}

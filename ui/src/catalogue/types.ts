import type { en } from "./en";

/** A text with `{name}` places, or one text per plural category of a `{count}`. */
export type Message = string | Plural;
export interface Plural {
  zero?: string;
  one?: string;
  other: string;
}

type Leaf<T, P extends string = ""> = {
  [K in keyof T & string]: T[K] extends string | { other: string } ? `${P}${K}` : Leaf<T[K], `${P}${K}.`>;
}[keyof T & string];

/** Every key there is: `"dags.title"`. */
export type Key = Leaf<typeof en>;

type At<T, K extends string> = K extends `${infer Head}.${infer Rest}`
  ? Head extends keyof T
    ? At<T[Head], Rest>
    : never
  : K extends keyof T
    ? T[K]
    : never;

type Names<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type NamesOf<M> = M extends string ? Names<M> : M extends { other: infer O extends string } ? Names<O> | "count" : never;

/** The values a key's text needs. */
export type Values<K extends Key> = { [N in NamesOf<At<typeof en, K>>]: string | number };

/** What follows the key: nothing, or its values. */
export type Rest<K extends Key> = [NamesOf<At<typeof en, K>>] extends [never] ? [] : [values: Values<K>];

/** The same keys in another language; the words differ, and so may the plural categories. */
export type Translation<T> = {
  [K in keyof T]: T[K] extends string ? string : T[K] extends { other: string } ? Plural : Translation<T[K]>;
};
export type Catalogue = Translation<typeof en>;

/** Part of a catalogue in one file: `satisfies Part` keeps the literal texts, whose places are typed. */
export type Part = { [key: string]: Message | Part };

import type { Catalogue, Message, Part } from "./types";

const ACCENTED: Record<string, string> = Object.fromEntries(
  [..."aàeéiîoöuüAÀEÉIÎOÖUÜcçCÇnñNÑsšSŠyýYÝzžZŽ".matchAll(/(.)(.)/gu)].map(([, plain = "", accented = ""]) => [plain, accented]),
);

function pseudoText(text: string): string {
  const parts = text.split(/(\{\w+\})/);
  return `⟦${parts.map((part) => (part.startsWith("{") ? part : part.replace(/./gu, (c) => ACCENTED[c] ?? c))).join("")}⟧`;
}

/** Every text marked and accented: what shows plain letters on the page does not come from the catalogue. */
export function pseudo(catalogue: Catalogue): Catalogue {
  const walk = (part: Part): Part =>
    Object.fromEntries(
      Object.entries(part).map(([key, value]): [string, Message | Part] => [
        key,
        typeof value === "string" ? pseudoText(value) : walk(value as Part),
      ]),
    );
  return walk(catalogue as unknown as Part) as unknown as Catalogue;
}

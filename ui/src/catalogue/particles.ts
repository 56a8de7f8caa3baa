/** Korean particles that depend on whether the word before ends in a consonant: after one, after a vowel. */
const FORMS: Record<string, [string, string]> = {
  "을(를)": ["을", "를"],
  "이(가)": ["이", "가"],
  "은(는)": ["은", "는"],
  "와(과)": ["과", "와"],
  "(으)로": ["으로", "로"],
};
const PLACES = /([가-힣0-9])(을\(를\)|이\(가\)|은\(는\)|와\(과\)|\(으\)로)/g;

const RIEUL = 8;
/** The final consonants of the names of the digits: yeong, il, i, sam, sa, o, yuk, chil, pal, gu. */
const DIGITS = [21, RIEUL, 0, 16, 0, 0, 1, RIEUL, RIEUL, 0];

function finalOf(letter: string): number {
  return letter >= "0" && letter <= "9" ? (DIGITS[Number(letter)] ?? 0) : (letter.charCodeAt(0) - 0xac00) % 28;
}

/** Chooses the particle after words whose sound is known; after others both stay. */
export function chooseParticles(text: string): string {
  return text.replace(PLACES, (_, letter: string, particle: string) => {
    const final = finalOf(letter);
    const [consonant, vowel] = FORMS[particle] as [string, string];
    const asVowel = final === 0 || (particle === "(으)로" && final === RIEUL);
    return letter + (asVowel ? vowel : consonant);
  });
}

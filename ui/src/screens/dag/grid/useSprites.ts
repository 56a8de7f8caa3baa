import { useEffect, useMemo, useState } from "react";
import { useSettings } from "@/settings/store";
import { makeSprites, type Sprites } from "./sprites";

const dark = () => matchMedia("(prefers-color-scheme: dark)");

/** The squares in the colours and for the screen of now. */
export function useSprites(): Sprites {
  const { theme } = useSettings();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const again = () => setTurn((turn) => turn + 1);
    // The theme is written to the page after it was chosen.
    const frame = requestAnimationFrame(again);
    const system = dark();
    const ratio = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    system.addEventListener("change", again);
    ratio.addEventListener("change", again);
    return () => {
      cancelAnimationFrame(frame);
      system.removeEventListener("change", again);
      ratio.removeEventListener("change", again);
    };
  }, [theme]);
  // oxlint-disable-next-line react/exhaustive-deps -- drawn anew when `turn` says that colours or pixels changed
  return useMemo(() => makeSprites(Math.min(3, devicePixelRatio || 1)), [turn]);
}

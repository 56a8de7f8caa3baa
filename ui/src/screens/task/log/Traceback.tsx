import { useT } from "@/catalogue/use";
import type { ErrorDetail } from "./lines";
import styles from "./Log.module.css";

/** Frames of libraries: read after one's own. */
const LIBRARY = /site-packages|dist-packages|\/lib\/python3|<frozen /;
const FEW = 12;

/** An exception with its causes, in the order of Python: the first cause on top, what was raised last at the end. */
export function Traceback({ chain, expanded, onExpand }: { chain: readonly ErrorDetail[]; expanded: boolean; onExpand: () => void }) {
  const t = useT();
  const frames = chain.reduce((sum, one) => sum + (one.frames?.length ?? 0), 0);
  const short = !expanded && frames > FEW;
  return (
    <span className={styles.trace}>
      {chain.toReversed().map((one, index, all) => (
        // oxlint-disable-next-line react/no-array-index-key -- exceptions of a chain have nothing else, and their order never changes
        <span key={index} className={styles.exception}>
          <Exception detail={one} short={short} />
          {index < all.length - 1 && <span className={styles.cause}>{t(one.is_cause ? "log.causeOf" : "log.duringOf")}</span>}
        </span>
      ))}
      {short && (
        <button type="button" className={styles.more} onClick={onExpand}>
          {t("log.allFrames", { count: frames })}
        </button>
      )}
    </span>
  );
}

function Exception({ detail, short }: { detail: ErrorDetail; short: boolean }) {
  const frames = detail.frames ?? [];
  const own = frames.filter((frame) => !LIBRARY.test(frame.filename));
  const shown = short && own.length > 0 ? own : frames;
  return (
    <>
      {shown.map((frame, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a frame may stand in a traceback many times
        <span key={index} className={LIBRARY.test(frame.filename) ? styles.libraryFrame : styles.frame}>
          {"  "}File "{frame.filename}", line {frame.lineno}, in {frame.name}
          {frame.line && `\n    ${frame.line}`}
        </span>
      ))}
      <span className={styles.raised}>
        <strong>{detail.exc_type}</strong>
        {detail.exc_value && `: ${detail.exc_value}`}
      </span>
      {detail.exc_notes?.map((note) => (
        <span key={note} className={styles.frame}>
          {note}
        </span>
      ))}
      {detail.exceptions?.map((inner, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- members of a group have nothing else
        <span key={index} className={styles.member}>
          <Traceback chain={inner} expanded={!short} onExpand={() => undefined} />
        </span>
      ))}
    </>
  );
}

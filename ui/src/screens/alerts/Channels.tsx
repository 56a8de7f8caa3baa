import { useT } from "@/catalogue/use";
import { Button } from "@/parts/Button";
import { Failed } from "@/parts/Failed";
import { Loading } from "@/parts/Loading";
import { Card } from "@/parts/Page";
import styles from "./Alerts.module.css";
import { kindWords } from "./deliveries";
import type { Channel } from "./queries";

interface Props {
  list: Channel[] | undefined;
  pending: boolean;
  error: unknown;
  retry: () => void;
  why: string | null;
  onTest: (channel: string) => void;
}

/** The ways messages go, as they are configured. */
export function Channels({ list, pending, error, retry, why, onTest }: Props) {
  const t = useT();
  return (
    <Card title={t("alerts.channels")}>
      {pending && <Loading lines={2} />}
      {error !== null && error !== undefined && <Failed error={error} retry={retry} />}
      <ul className={styles.channels}>
        {list?.map((channel) => (
          <li key={channel.name} className={styles.channel}>
            <div className={styles.channelHead} translate="no">
              <strong>{channel.name}</strong>
              <span className={styles.type}>{channel.type}</span>
            </div>
            {channel.target && <code className="small">{channel.target}</code>}
            {channel.recipients.length > 0 && <span className="small" translate="no">{channel.recipients.join(", ")}</span>}
            <span className="soft small">{channel.events.map((event) => kindWords(event, t)).join(", ")}</span>
            {limits(channel).map((limit) => (
              <span key={limit} className="soft small">
                {t("alerts.only", { what: limit })}
              </span>
            ))}
            <Button className={styles.test ?? ""} why={why} onClick={() => onTest(channel.name)}>
              {t("alerts.test")}
            </Button>
          </li>
        ))}
      </ul>
      <p className="soft small">{t("alerts.channelsHint")}</p>
    </Card>
  );
}

const limits = ({ dags, tags, owners }: Channel): string[] => [dags, tags, owners].filter((some) => some.length > 0).map((some) => some.join(", "));

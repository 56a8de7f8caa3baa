import { Tooltip } from "radix-ui";
import type { ReactNode } from "react";
import { usePortal } from "./portal";
import styles from "./Tip.module.css";

/** Words on hover and focus of what it holds, which must be able to get the focus. */
export function Tip({ text, children }: { text: ReactNode; children: ReactNode }) {
  const portal = usePortal();
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal container={portal}>
        <Tooltip.Content className={styles.tip} sideOffset={6} collisionPadding={8}>
          {text}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

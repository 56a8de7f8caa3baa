import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { configQuery } from "@/api/config";
import { applyBatch } from "./rules";
import { type Status, Stream } from "./stream";

const Context = createContext<Status>("idle");

/** Listens while a person is signed in. */
export function Live({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [status, setStatus] = useState<Status>("connecting");
  useEffect(() => {
    const stream = new Stream({
      open: (url) => new EventSource(url),
      batch: (events) => applyBatch(events, client),
      status: setStatus,
      // The next call tells whether the session has ended.
      refused: () => void client.refetchQueries({ queryKey: configQuery.queryKey }),
    });
    stream.start();
    return () => stream.stop();
  }, [client]);
  return <Context value={status}>{children}</Context>;
}

export const useLiveStatus = (): Status => useContext(Context);

import { TextField } from "@/parts/fields";
import { dayIn, instant } from "@/time/instant";
import { useZones } from "@/time/viewer";

interface Props {
  label: string;
  /** An instant: the beginning of a day, or its end. */
  value: string | undefined;
  /** Stands for the first instant of the day instead of the first one after it. */
  begins?: boolean;
  error?: string | undefined;
  onChange: (value: string | undefined) => void;
}

const DAY = 86_400_000;

/** A day in the zone that is shown; what it stands for is an instant. */
export function DayField({ label, value, begins = false, error, onChange }: Props) {
  const { shown: zone } = useZones();
  const day = value ? dayIn(new Date(Date.parse(value) - (begins ? 0 : 1)), zone) : "";
  return (
    <TextField
      type="date"
      label={label}
      value={day}
      error={error}
      onChange={(event) => {
        const picked = event.target.value;
        if (!picked) return onChange(undefined);
        const next = new Date(Date.parse(`${picked}T00:00Z`) + DAY).toISOString().slice(0, 10);
        const at = instant(begins ? picked : next, "00:00", zone);
        // A year that is half typed is none.
        if (at && at.getUTCFullYear() > 1900) onChange(at.toISOString());
      }}
    />
  );
}

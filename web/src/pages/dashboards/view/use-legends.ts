import { useCallback, useState } from 'react';

export interface Legends {
  readonly areShown: boolean;
  readonly toggled: ReadonlySet<string>;
  readonly toggle: (key: string) => void;
  readonly toggleAll: () => void;
}

/** Legends that are switched off while somebody looks; what the dashboard says stays. */
export function useLegends(): Legends {
  const [areShown, setAreShown] = useState(true);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(() => new Set());
  const toggle = useCallback((key: string) => {
    setToggled((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  }, []);
  const toggleAll = useCallback(() => setAreShown((before) => !before), []);
  return { areShown, toggled, toggle, toggleAll };
}

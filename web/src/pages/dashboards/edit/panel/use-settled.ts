import { useCallback, useEffect, useRef, useState } from 'react';

/** A value as it was when it last stood still for so long, and a way to have it at once. */
export function useSettled<T>(value: T, pauseMs: number): readonly [T, () => void] {
  const [settled, setSettled] = useState(value);
  const latest = useRef(value);
  latest.current = value;
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pauseMs);
    return () => clearTimeout(timer);
  }, [value, pauseMs]);
  const settle = useCallback(() => setSettled(latest.current), []);
  return [settled, settle];
}

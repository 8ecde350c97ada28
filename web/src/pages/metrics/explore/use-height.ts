import { type RefObject, useEffect, useRef, useState } from 'react';

/** The height of what is inside an element's edges, followed; 0 until it is known. */
export function useHeight(): readonly [RefObject<HTMLDivElement | null>, number] {
  const element = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver((entries) => {
      setHeight(Math.floor(entries[0]?.contentRect.height ?? 0));
    });
    if (element.current !== null) observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, height];
}

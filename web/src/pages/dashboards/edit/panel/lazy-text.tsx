import { type ReactNode, useEffect, useState } from 'react';
import { TextInput, type TextInputProps } from '../../../../ui/field.tsx';

export interface LazyTextProps extends Omit<TextInputProps, 'value' | 'onChange'> {
  readonly value: string;
  /** On Enter and when the focus leaves: half a value means nothing. */
  readonly onCommit: (value: string) => void;
}

/** A text that counts when it is whole. */
export function LazyText({ value, onCommit, ...rest }: LazyTextProps): ReactNode {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const commit = (): void => {
    if (text !== value) onCommit(text.trim());
  };
  return (
    <TextInput
      {...rest}
      value={text}
      onChange={setText}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && !event.nativeEvent.isComposing) commit();
      }}
    />
  );
}

import { choiceAt, flagAt, maybeNumberAt, objectAt } from '../read.ts';

export interface StatOptions {
  readonly orientation: 'auto' | 'horizontal' | 'vertical';
  readonly textMode: 'auto' | 'value' | 'value_and_name' | 'name' | 'none';
  readonly colorMode: 'value' | 'background' | 'background_solid' | 'none';
  readonly graphMode: 'area' | 'line' | 'none';
  readonly isCentered: boolean;
  readonly isWide: boolean;
  readonly showsChange: boolean;
  readonly changeColor: 'standard' | 'inverted' | 'same_as_value';
  readonly titlePx: number | undefined;
  readonly valuePx: number | undefined;
  readonly percentPx: number | undefined;
}

export function statOptions(options: Readonly<Record<string, unknown>>): StatOptions {
  const text = objectAt(options, 'text');
  return {
    orientation: choiceAt(options, 'orientation', ['auto', 'horizontal', 'vertical'], 'auto'),
    textMode: choiceAt(
      options,
      'textMode',
      ['auto', 'value', 'value_and_name', 'name', 'none'],
      'auto',
    ),
    colorMode: choiceAt(
      options,
      'colorMode',
      ['value', 'background', 'background_solid', 'none'],
      'value',
    ),
    graphMode: choiceAt(options, 'graphMode', ['area', 'line', 'none'], 'area'),
    isCentered: options['justifyMode'] === 'center',
    isWide: flagAt(options, 'wideLayout', true),
    showsChange: flagAt(options, 'showPercentChange', false),
    changeColor: choiceAt(
      options,
      'percentChangeColorMode',
      ['standard', 'inverted', 'same_as_value'],
      'standard',
    ),
    titlePx: maybeNumberAt(text, 'titleSize'),
    valuePx: maybeNumberAt(text, 'valueSize'),
    percentPx: maybeNumberAt(text, 'percentSize'),
  };
}

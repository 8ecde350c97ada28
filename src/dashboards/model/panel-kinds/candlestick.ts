import type { PanelKind } from './contract.ts';
import { graphFields } from './shared/graph.ts';
import { annotations, legend, timeZones, tooltip } from './shared/legend.ts';
import { choice, flag, inGroup, option } from './spec.ts';
import { valueFields } from './standard-fields.ts';

/** Where values began, ended and went in each stretch of time. */
export const candlestick: PanelKind = {
  type: 'candlestick',
  name: { en: 'Candlestick', ko: '캔들' },
  isDrawn: true,
  hasQueries: true,
  standardFields: valueFields,
  fieldDefaults: { color: { mode: 'palette-classic' } },
  options: [
    ...inGroup('bars', [
      choice('mode', ['Show', '표시'], 'candles+volume', [
        ['candles+volume', 'Candles and volume', '캔들과 거래량'],
        ['candles', 'Candles', '캔들'],
        ['volume', 'Volume', '거래량'],
      ]),
      choice('candleStyle', ['Look', '모양'], 'candles', [
        ['candles', 'Candles', '캔들'],
        ['ohlcbars', 'Bars with ticks', 'OHLC 막대'],
      ]),
      choice('colorStrategy', ['Color by', '색 기준'], 'open-close', [
        ['open-close', 'Its own open', '시가 대비'],
        ['close-close', 'The close before', '이전 종가 대비'],
      ]),
      option('color', 'colors.up', ['Rising', '상승'], 'green'),
      option('color', 'colors.down', ['Falling', '하락'], 'red'),
      option('color', 'colors.flat', ['Unchanged', '보합'], 'gray'),
      option('field', 'fields.open', ['Open', '시가']),
      option('field', 'fields.high', ['High', '고가']),
      option('field', 'fields.low', ['Low', '저가']),
      option('field', 'fields.close', ['Close', '종가']),
      option('field', 'fields.volume', ['Volume', '거래량']),
      flag('includeAllFields', ['Other fields as lines', '나머지 필드를 선으로'], false),
    ]),
    ...tooltip,
    ...legend,
    ...timeZones,
    ...annotations,
  ],
  custom: graphFields,
};

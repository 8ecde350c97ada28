import { createContext, useContext } from 'react';
import {
  type Columns,
  noColumns,
} from '../../../../dashboards/editing/transformations/step-results.ts';

/** What the controls within offer for choosing: names of fields, labels, queries. */
export const ColumnsContext = createContext<Columns>(noColumns);

export const useColumns = (): Columns => useContext(ColumnsContext);

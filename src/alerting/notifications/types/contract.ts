import type { Json } from '../contract.ts';
import type { Settings } from './settings.ts';

/** One setting of an integration type, as forms show it. */
export interface SettingField {
  /** Path in the settings. */
  readonly name: string;
  readonly label: string;
  readonly element: 'input' | 'textarea' | 'select' | 'checkbox' | 'key_value_map';
  readonly isSecret?: boolean;
  readonly isRequired?: boolean;
  readonly placeholder?: string;
  readonly description?: string;
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}

/** A part of a receiver of an alertmanager.yml: the key of its list, and one entry of it. */
export type ReceiverPart = readonly [key: `${string}_configs`, config: Json];

/** One kind of integration that contact points have. */
export interface IntegrationType {
  /** As Grafana calls it. */
  readonly type: string;
  readonly name: string;
  readonly fields: readonly SettingField[];
  /** What tells it. @throws {AppError} NOTIFICATION_INVALID */
  readonly receiver: (settings: Settings) => readonly ReceiverPart[];
}

type Extra = Omit<Partial<SettingField>, 'name' | 'label' | 'element'>;

export const input = (name: string, label: string, extra: Extra = {}): SettingField => ({
  name,
  label,
  element: 'input',
  ...extra,
});
export const area = (name: string, label: string, extra: Extra = {}): SettingField => ({
  name,
  label,
  element: 'textarea',
  ...extra,
});
export const checkbox = (name: string, label: string, extra: Extra = {}): SettingField => ({
  name,
  label,
  element: 'checkbox',
  ...extra,
});
export const select = (
  name: string,
  label: string,
  values: readonly string[],
  extra: Extra = {},
): SettingField => ({
  name,
  label,
  element: 'select',
  options: values.map((value) => ({ value, label: value })),
  ...extra,
});
export const required: Extra = { isRequired: true };
export const secretField: Extra = { isSecret: true };
export const requiredSecret: Extra = { isRequired: true, isSecret: true };
export const titleField: SettingField = input('title', 'Title', {
  placeholder: '{{ template "default.title" . }}',
});
export const messageField: SettingField = area('message', 'Message', {
  placeholder: '{{ template "default.message" . }}',
});

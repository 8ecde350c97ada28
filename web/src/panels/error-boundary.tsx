import { Component, type ReactNode } from 'react';
import { ErrorState } from '../ui/states.tsx';

interface Props {
  readonly words: string;
  /** Another one: drawn again. */
  readonly retryOn: unknown;
  readonly children: ReactNode;
}

/** A panel that cannot be drawn must not take the dashboard with it. */
export class PanelBoundary extends Component<Props, { readonly error?: Error }> {
  override state: { readonly error?: Error } = {};

  static getDerivedStateFromError(error: Error): { readonly error: Error } {
    return { error };
  }

  override componentDidUpdate(before: Props): void {
    if (before.retryOn !== this.props.retryOn && this.state.error !== undefined) {
      this.setState({ error: undefined } as never);
    }
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error === undefined ? (
      this.props.children
    ) : (
      <ErrorState error={error} title={this.props.words} />
    );
  }
}

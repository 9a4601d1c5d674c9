import { css } from 'lit';

export const skeletonStyles = css`
  .skeleton .bar,
  .skeleton [part='logo'] {
    background: color-mix(in oklab, var(--muted) 16%, var(--surface));
    animation: pulse 1.6s ease-in-out infinite alternate;
  }

  .skeleton .bar {
    border-radius: calc(var(--radius) / 2);
  }

  .skeleton [part='state'] {
    display: block;
  }

  .skeleton [part='state']::before {
    content: none;
  }

  .skeleton button {
    background: none;
    cursor: default;
  }

  .skeleton button .bar {
    background: none;
  }

  @keyframes pulse {
    to {
      opacity: 0.5;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    .skeleton .bar,
    .skeleton [part='logo'] {
      animation: none;
    }
  }
`;

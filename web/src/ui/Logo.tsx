/** Two drops, a large voice and a small one that answers. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 32 32" width={size} height={size} className="shrink-0">
      <path
        className="fill-accent"
        d="M4 12.5A10.5 10.5 0 0 1 14.5 2 10.5 10.5 0 0 1 25 12.5 10.5 10.5 0 0 1 14.5 23H7a3 3 0 0 1-3-3z"
      />
      <path
        className="fill-ember stroke-frame"
        strokeWidth="2.5"
        d="M16 23.5a6.5 6.5 0 0 1 6.500-6.500 6.500 6.500 0 0 1 6.500 6.500V27a3 3 0 0 1-3 3h-3.500a6.500 6.500 0 0 1-6.500-6.500z"
      />
    </svg>
  );
}

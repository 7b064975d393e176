/** Two drops: a voice, and a smaller one that answers. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 32 32" width={size} height={size} className="shrink-0">
      <path className="fill-accent" d="M2 11.5a10.5 10.5 0 1 1 10.5 10.5H5a3 3 0 0 1-3-3z" />
      <path className="fill-ember" d="M17.5 25.5a6.5 6.5 0 1 1 6.5 6.5h-4.5a2 2 0 0 1-2-2z" />
    </svg>
  );
}

import { dayName } from '../../lib/time';

/** The date stays in sight while its day is read. */
export function DayRow({ id, day }: { id: string; day: number }) {
  return (
    <div data-row={id} data-day className="pointer-events-none sticky top-2 z-10 my-3 flex justify-center">
      <h2 className="rounded-full border border-line bg-sheet px-3 py-0.5 font-semibold text-soft text-tiny">
        {dayName(day)}
      </h2>
    </div>
  );
}

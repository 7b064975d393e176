import { useId } from 'react';
import { Label, Radio, RadioGroup } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { CHOICES, type Choice, choose, type Preferences, usePreference } from '../../app/preferences';
import { cx } from '../../lib/cx';
import { keyNames } from '../shell/keys';

/** Of those that are few and short enough to stand side by side. */
type Shown = Exclude<Choice, 'language'>;

interface Props<K extends Shown> {
  name: K;
  /** In this order, where it is another than that of the table. */
  order?: readonly Preferences[K][];
}

/** One thing that can be chosen on this device; holds at once. */
export function Choose<K extends Shown>({ name, order }: Props<K>) {
  const { t } = useTranslation();
  const id = useId();
  const value = usePreference(name);
  const options: readonly string[] = order ?? CHOICES[name];
  const [mod = ''] = keyNames({ id: 'switcher', key: '', mod: true });
  return (
    <RadioGroup
      aria-labelledby={id}
      value={value}
      onChange={(chosen) => choose(name, chosen as Preferences[K])}
      orientation="horizontal"
      className="grid items-center gap-x-4 gap-y-1.5 lg:grid-cols-[minmax(0,1fr)_auto]"
    >
      <Label id={id} className="font-medium text-note">
        {t(`settings.${name as Shown}`)}
      </Label>
      <div
        className={cx(
          'gap-0.5 rounded-box bg-well p-1 forced-edge sm:flex sm:flex-wrap sm:justify-self-start',
          options.length === 4 ? 'grid grid-cols-2' : 'flex flex-wrap',
        )}
      >
        {options.map((option) => (
          <Radio
            key={option}
            value={option}
            className="relative grid min-h-9 flex-auto cursor-pointer place-items-center text-balance rounded-[0.6rem] px-3 text-center sm:whitespace-nowrap font-medium text-note text-soft transition-colors hover:text-ink selected:bg-raised selected:text-ink selected:shadow-[0_0_0_1px_var(--edge)] touch:min-h-11 forced-choice"
          >
            {t(`settings.${name}_${option}` as 'settings.send_mod_enter', { mod })}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}

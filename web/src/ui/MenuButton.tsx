import type { LucideIcon } from 'lucide-react';
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { cx } from '../lib/cx';
import { IconButton } from './IconButton';

/** Something that can be done, described once for every place that offers it. */
export interface Deed {
  id: string;
  label: string;
  icon?: LucideIcon;
  danger?: boolean;
  act(): void;
}

interface Props {
  icon: LucideIcon;
  label: string;
  deeds: readonly Deed[];
  small?: boolean;
  /** Where something else opens it too. */
  open?: boolean;
  setOpen?(open: boolean): void;
  outOfTabOrder?: boolean;
}

export function MenuButton({ icon, label, deeds, small, open, setOpen, outOfTabOrder = false }: Props) {
  return (
    <MenuTrigger {...(open === undefined ? {} : { isOpen: open })} {...(setOpen ? { onOpenChange: setOpen } : {})}>
      <IconButton icon={icon} label={label} excludeFromTabOrder={outOfTabOrder} {...(small ? { small } : {})} />
      <Popover
        placement="bottom end"
        className="rise min-w-52 rounded-box border border-line bg-raised p-1.5 shadow-lift forced-edge"
      >
        <Menu onAction={(key) => deeds.find((deed) => deed.id === key)?.act()} className="outline-none">
          {deeds.map(({ id, label: text, icon: Icon, danger }) => (
            <MenuItem
              key={id}
              id={id}
              textValue={text}
              className={cx(
                'flex min-h-10 cursor-pointer items-center gap-3 rounded-lg px-3 outline-none focus:bg-hover touch:min-h-11',
                danger && 'text-danger',
              )}
            >
              {Icon && <Icon aria-hidden size={17} className={cx('shrink-0', !danger && 'text-soft')} />}
              {text}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

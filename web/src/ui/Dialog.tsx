import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { cx } from '../lib/cx';
import { IconButton } from './IconButton';

interface Props {
  title: string;
  onClose(): void;
  children: ReactNode;
  /** Stays until it was answered. */
  firm?: boolean;
  role?: 'dialog' | 'alertdialog';
  wide?: boolean;
}

export function Dialog({ title, onClose, children, firm = false, role = 'dialog', wide = false }: Props) {
  const { t } = useTranslation();
  return (
    <ModalOverlay
      isOpen
      isDismissable={!firm}
      isKeyboardDismissDisabled={firm}
      onOpenChange={(open) => open || onClose()}
      className="fixed inset-0 z-40 grid place-items-center overflow-y-auto bg-veil p-3 max-md:items-end"
    >
      <Modal
        className={cx(
          'rise w-full rounded-sheet bg-raised text-ink shadow-lift forced-edge',
          wide ? 'max-w-xl' : 'max-w-md',
        )}
      >
        <AriaDialog
          role={role}
          className="relative grid max-h-[88dvh] grid-cols-1 gap-4 overflow-y-auto p-5 outline-none sm:p-6"
        >
          <div className="flex items-start justify-between gap-4">
            <Heading slot="title" className="pt-1 font-bold text-lg leading-snug">
              {title}
            </Heading>
            {!firm && <IconButton icon={X} label={t('common.close')} onPress={onClose} small className="-me-1" />}
          </div>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

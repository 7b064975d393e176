import { useState } from 'react';
import { Form } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { useClient, useSelect } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { Problem } from '../../ui/Problem';
import { Section } from '../../ui/Section';

export function Password() {
  const { t } = useTranslation();
  const { api } = useClient();
  const username = useSelect((state) => state.me?.username ?? '');
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [changed, setChanged] = useState(false);
  const { run, busy, failure } = useAction(async () => {
    setChanged(false);
    await api.changePassword({ current, new: next });
    setCurrent('');
    setNext('');
    setChanged(true);
  });
  const told = Boolean(failure?.fields.new ?? failure?.fields.current);
  return (
    <Section title={t('settings.password')} text={t('settings.password_text')}>
      <Form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        {/* Tells password managers whose password changes. */}
        <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
        <Field
          label={t('settings.password_current')}
          type="password"
          value={current}
          onChange={setCurrent}
          isRequired
          error={failure?.fields.current}
          input={{ autoComplete: 'current-password' }}
        />
        <Field
          label={t('settings.password_new')}
          type="password"
          value={next}
          onChange={setNext}
          isRequired
          hint={t('auth.password_hint')}
          error={failure?.fields.new}
          input={{ autoComplete: 'new-password' }}
        />
        <Problem failure={told ? null : failure} />
        {changed && (
          <p role="status" className="text-note">
            {t('settings.password_changed')}
          </p>
        )}
        <Button type="submit" look="outline" isPending={busy} className="justify-self-start">
          {t('settings.password_do')}
        </Button>
      </Form>
    </Section>
  );
}

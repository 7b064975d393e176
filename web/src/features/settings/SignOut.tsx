import { LogOut } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Problem } from '../../ui/Problem';

export function SignOut() {
  const { t } = useTranslation();
  const client = useClient();
  const { run, busy, failure } = useAction(() => client.signOut());
  return (
    <div className="grid gap-3">
      <Problem failure={failure} />
      <Button look="outline" onPress={run} isPending={busy} className="justify-self-start text-danger">
        <LogOut aria-hidden size={18} />
        {t('settings.sign_out')}
      </Button>
    </div>
  );
}

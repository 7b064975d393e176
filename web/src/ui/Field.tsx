import { FieldError, Input, type InputProps, Label, Text, TextField, type TextFieldProps } from 'react-aria-components';
import { cx } from '../lib/cx';
import { useFieldText } from '../lib/fieldText';

interface Props extends Omit<TextFieldProps, 'children'> {
  label: string;
  hint?: string;
  /** What the server said about this field; shown in the reader's language. */
  error?: string | undefined;
  placeholder?: string;
  input?: InputProps;
  className?: string;
}

export const inputLook =
  'w-full min-h-11 rounded-box border border-edge bg-raised px-3.5 text-ink placeholder:text-soft transition-colors focus:border-accent';

export function Field({ label, hint, error, placeholder, input, className, ...props }: Props) {
  const inWords = useFieldText();
  return (
    <TextField
      {...props}
      isInvalid={Boolean(error)}
      validationBehavior="aria"
      className={cx('grid gap-1.5', className)}
    >
      <Label className="font-semibold text-note">{label}</Label>
      <Input {...input} placeholder={placeholder} className={cx(inputLook, 'invalid:border-danger')} />
      {hint && !error && (
        <Text slot="description" className="text-note text-soft">
          {hint}
        </Text>
      )}
      <FieldError className="text-danger text-note">{error && inWords(error)}</FieldError>
    </TextField>
  );
}

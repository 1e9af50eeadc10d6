import { inject, provide, type InjectionKey, type Ref } from 'vue'

export interface FormContext {
  data: Record<string, unknown>
  errors: Ref<Map<string, string>>
  origins: Ref<Map<string, string>>
  /** Clears the error of a field that somebody is mending, and marks the form as changed. */
  touch: (path: string) => void
  prefix: string
}
const KEY: InjectionKey<FormContext> = Symbol('form')

export function provideForm(context: FormContext): void {
  provide(KEY, context)
}
export function useForm(): FormContext {
  const context = inject(KEY)
  if (!context) throw new Error('a form field stands outside a form')
  return context
}
export function fieldId(prefix: string, path: string): string {
  return `${prefix}-${path.replaceAll('.', '-')}`
}

import { ref, type Ref } from 'vue'
import { explain } from '@/kernel/api/client'
import { useText } from '@/kernel/i18n'

export interface Doing {
  /** What is being done, "" for nothing. */
  busy: Ref<string>
  /** Why the last thing could not be done, in the reader's language. */
  problem: Ref<string>
  go: (name: string, work: () => Promise<unknown>) => Promise<void>
}

/** Deciding about a rule or a setting: one thing at a time; whatever came of it, what is shown is read again. */
export function useDoing(again: () => Promise<unknown>): Doing {
  const { loc } = useText()
  const busy = ref('')
  const problem = ref('')
  async function go(name: string, work: () => Promise<unknown>): Promise<void> {
    busy.value = name
    problem.value = ''
    try {
      await work()
    } catch (error) {
      problem.value = loc(explain(error))
    } finally {
      busy.value = ''
      await again()
    }
  }
  return { busy, problem, go }
}

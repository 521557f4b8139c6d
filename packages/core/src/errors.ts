export { SaywhyError } from '@saywhy/autodiff';

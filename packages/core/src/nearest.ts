export { nearest } from '@saywhy/autodiff';

import { MACHINES } from './guest.js';
import { describeKernel } from './kernel_checks.js';

describeKernel(MACHINES.amd64);

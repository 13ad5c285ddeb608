/** The program: reads the command line and runs one command. */
import { runProgram } from "./cli/commands.ts";

process.exitCode = await runProgram(process.argv);

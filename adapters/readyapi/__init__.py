"""SoapUI OS and ReadyAPI: `testrunner`, which runs what a project file holds.

Never given: -S, which would change the project; -i, which wants a screen; -I, with which failures
end in exit code 0. The JUnit files are written at the end only, so a killed run leaves none, and
they call a cancelled case passed: the output is heard as a second witness.
The runner writes its whole command line, and so a licence key, into its JUnit files among the Java
properties: no such file is ever named for an upload.
Source: SmartBear/soapui 5.7; the plug-in for Jenkins for what ReadyAPI adds.
"""

from collections.abc import Mapping
from dataclasses import replace

from adapters.base import AdapterError, Automation, Command, Finished, Outcome, Tool, Workspace
from adapters.exit_codes import signed
from adapters.placeholders import expand
from adapters.readyapi.command import (
    PROFILE_OPTIONS,
    context_properties,
    name_option,
    profile_options,
    properties,
    refuse_foreign_options,
    runs_by_batch,
    whole,
)
from adapters.readyapi.project import selection
from adapters.readyapi.trouble import LICENCE_PROMPT, trouble
from adapters.readyapi.witness import witnessed
from adapters.results import because, read_all
from adapters.verdict import decide

AGENT = "ReadyAPI / SoapUI OS"
RESULT_FILES = ("TEST-*.xml",)
SCRIPT_RESULT_FILES = ()
OPTIONS: Mapping[str, str] = PROFILE_OPTIONS
PROGRAM_OPTIONS = ()
# There is no option for it, and a ReadyAPI without a licence would stop to ask for one.
VERSION_ARGUMENTS = ()
INSTALL = "SoapUI OS from www.soapui.org, or ReadyAPI's installer; then name bin/testrunner.sh"


OUTPUT_CUT = (
    "the runner printed more than is kept, and a case that it cancelled is told there alone:"
    " let the project log less"
)


def build_command(automation: Automation, tool: Tool, workspace: Workspace) -> Command:
    r"""Run what the title names, PROJECT\SUITE\CASE or less; parameters are project properties.

    Raises AdapterError for a script without one project that is meant, for options that the
    edition does not know, and for what the runner would not get as it is.
    """
    program = expand(automation, tool, workspace)
    refuse_foreign_options(tool)
    by_batch = runs_by_batch(tool.executable)
    chosen = selection(automation.title, workspace.files)
    results = str(workspace.results)
    if "%20" in results:
        raise AdapterError(f"{results} holds %20, which the runner reads as a blank")
    options = [
        *name_option("-s", chosen.suite, by_batch=by_batch),
        *name_option("-c", chosen.case, by_batch=by_batch),
        # -J does nothing without -j.
        *("-r", "-j", "-J", "-f", results),
        *(("-K", tool.access_key) if tool.access_key else ()),
        *profile_options(tool),
        *properties("-P", automation.params, by_batch=by_batch),
        *context_properties(automation.context, by_batch=by_batch),
    ]
    whole(str(chosen.project), by_batch=by_batch)
    project = str(workspace.folder / chosen.project)
    return Command((*program, *options, project), stop_on=(LICENCE_PROMPT,))


def parse_outcome(finished: Finished) -> Outcome:
    """Decide by the JUnit files, one for each suite, with the output as a second witness.

    255 stands for everything from a failed assertion to a misspelt option, so without a file the
    output has to say why it is Blocked. Never raises.
    """
    output = finished.output or finished.output_tail
    if finished.output_cut:
        finished = replace(finished, problems=(*finished.problems, OUTPUT_CUT))
    report = read_all(finished.files)
    if report is None:
        outcome = decide(finished, None)
        code = None if finished.exit_code is None else signed(finished.exit_code)
        return because(outcome, trouble(output, code))
    return decide(finished, witnessed(report, output, finished.asked.title))

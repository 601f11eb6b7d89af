/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/option_trace.h"

#include "src/sink/sink.h"

static const char *const verdicts[] = { "allow", "deny", NULL };
static const char *const failures[] = { "deny", NULL };
static const char *const trace_formats[] = { SINK_FORMAT_WORDS, NULL };

#define ROW(member) .offset = offsetof(struct trace_options, member)

static const struct option_row rows[] = {
    SUBJECT_ROWS(struct trace_options),
    { .name = "runtime-containername",
      .kind = OPTION_LIST,
      WATCH_ROW(struct trace_options, containers),
      .hidden = true },
    { .name = "k8s-containername",
      .kind = OPTION_LIST,
      WATCH_ROW(struct trace_options, containers),
      .hidden = true },
    { .name = "k8s-namespace", .kind = OPTION_LIST, ROW(pod_namespaces), .hidden = true },
    { .name = "k8s-podname", .kind = OPTION_LIST, ROW(pods), .hidden = true },
    { .name = "host",
      .kind = OPTION_FLAG,
      ROW(host),
      .help = "Processes of the host too: those in no container. What the tracer itself asks for "
              "is never shown." },
    { .letter = 'F',
      .name = "filter",
      .argument = "FIELD:VALUE,...",
      .kind = OPTION_REPEATED,
      ROW(filters),
      .help = "Only rows of which all of this holds: FIELD:VALUE or FIELD:!VALUE, FIELD:~REGEX or "
              "FIELD:!~REGEX for text, FIELD:>N, :>=N, :<N or :<=N for numbers, of any field "
              "listed below. FIELD==VALUE and the like are other spellings. A comma in a value is "
              "written \\,." },
    { .name = "pid",
      .argument = "PID,...",
      .kind = OPTION_LIST,
      ROW(pids),
      .help = "Short for --filter pid:PID: only this process, by its number on the host, or one of "
              "several. As in the next ones, '!PID' leaves one out." },
    { .name = "comm",
      .argument = "COMM,...",
      .kind = OPTION_LIST,
      ROW(comms),
      .help = "Likewise: only threads of these names, which are of 15 characters at most." },
    { .name = "uid",
      .argument = "UID,...",
      .kind = OPTION_LIST,
      ROW(uids),
      .help = "Likewise: only users of these numbers, as the host has them." },
    { .name = "image",
      .argument = "IMAGE,...",
      .kind = OPTION_LIST,
      ROW(images),
      .help = "Likewise: only containers of these images, as they were named at their start. "
              "--filter image:~NGINX takes a part of the name." },
    { .name = "cap",
      .argument = "CAP,...",
      .kind = OPTION_LIST,
      ROW(capabilities),
      .help = "Likewise: only checks of these capabilities, written SYS_NICE or CAP_SYS_NICE. "
              "'all' is all of them." },
    { .name = "verdict",
      .argument = "WORD,...",
      .kind = OPTION_LIST,
      ROW(verdicts),
      .help = "Likewise: only checks that the kernel allowed, or only those that it denied.",
      .choices = verdicts },
    { .name = "audit-only",
      .kind = OPTION_FLAG,
      ROW(audit_only),
      .help = "Only what a program asked for: checks whose denial goes to the audit log. This is "
              "the default. With --audit-only=false also silent probes, by which the kernel finds "
              "out whether a process happens to be privileged; nobody needs a capability for "
              "those." },
    { .name = "all",
      .kind = OPTION_FLAG,
      ROW(all),
      .help = "Also what is hidden as noise: an engine's own work in a container, before its first "
              "program and whenever the engine enters it, checks under borrowed credentials, as "
              "overlay file systems make them, checks of another's credentials, as of the opener "
              "of a file, and in columns denials of DAC_READ_SEARCH where DAC_OVERRIDE was "
              "enough." },
    OUTPUT_ROWS(struct trace_options, trace_formats),
    { .name = "output-file",
      .argument = "FILE",
      .kind = OPTION_TEXT,
      ROW(output_file),
      .help = "Write the rows to this file instead of standard output; what was in it is gone." },
    { .name = "summary",
      .kind = OPTION_FLAG,
      ROW(summary),
      .help = "No rows, but at the end a table: for each container how often it asked for which "
              "capability. 12 was allowed, 3! denied, 12+3! both." },
    { .name = "interval",
      .argument = "TIME",
      .kind = OPTION_DURATION,
      ROW(interval_usec),
      .help =
          "With --summary: the table each time that so much has passed, too, of all until then." },
    { .name = "no-summary",
      .kind = OPTION_FLAG,
      ROW(no_summary),
      .help =
          "Do not say at the end what each container needs, lacks, and asked for without need." },
    { .name = "journal-namespace",
      .argument = "NAME",
      .kind = OPTION_TEXT,
      ROW(journal_namespace),
      .help = "With -o journal: the journal of this namespace, as LogNamespace= of a unit and "
              "journalctl --namespace name it, instead of the system's." },
    { .name = "journal-wait",
      .kind = OPTION_FLAG,
      ROW(journal_wait),
      .help = "With -o journal: begin although no journald listens yet. What is seen is kept for "
              "it, within bounds." },
    { .name = "unique",
      .kind = OPTION_FLAG,
      ROW(unique),
      .help = "Each container, capability and verdict once, also when the container is stopped and "
              "started again. An Allow never hides a later Deny." },
    { .name = "print-stack",
      .kind = OPTION_FLAG,
      ROW(print_stack),
      .help = "Under each row the kernel functions that led to the check, innermost first. So does "
              "naming the field kstack." },
    { .name = "print-user-stack",
      .kind = OPTION_FLAG,
      ROW(print_user_stack),
      .help = "Under each row the functions of the program that led to the system call, with file "
              "and line where there is debug information. Needs programs with frame pointers; "
              "others show the innermost frames only." },
    TIMEOUT_ROW(struct trace_options),
    { .name = "max-events",
      .argument = "N",
      .kind = OPTION_UNSIGNED,
      ROW(max_events),
      .help = "Stop after this many rows. 0, the default, is no limit." },
    UNTIL_EXIT_ROW(struct trace_options),
    { .name = "fail-on",
      .argument = "WORD",
      .kind = OPTION_TEXT,
      ROW(fail_on),
      .help = "End with exit status 3 if a check was shown that the kernel denied: for tests.",
      .choices = failures },
    COMMAND_ROWS(struct trace_options),
    ENGINE_ROWS(struct trace_options),
    KERNEL_ROWS(struct trace_options),
    GENERAL_ROWS(struct trace_options),
};

const struct option_table trace_option_table = { rows, ARRAY_SIZE(rows) };

void trace_options_defaults(void *values)
{
    struct trace_options *options = values;

    common_options_defaults(&options->common);
    options->audit_only = true;
    watch_options_defaults(&options->watch);
}

const char trace_description[] =
    "Shows every capability that processes in containers ask for, as it happens, with the kernel's "
    "verdict. A container that shows Deny lacks a capability that it tried to use; one that shows "
    "Allow had it. What a container never shows, it does not need.\n"
    "Containers are found by their cgroups, whoever started them and whenever; their names come "
    "from the engines that are there. It only listens: no container is changed or held up.\n"
    "With a COMMAND it runs that and shows what it asks for, with all that it starts, until the last "
    "of it has ended, and what containers ask for that are born meanwhile. It runs as the user who "
    "has called sudo. What it prints goes to standard output, so rows go to standard error or to "
    "--output-file. Its exit status is ours.\n"
    "Ctrl-C ends the trace and says how many events were seen and lost, and in three lines at most "
    "what each container needs, lacks, and asked for without need: see advise capabilities.";

const char trace_examples[] =
    "  Everything that containers ask for, until Ctrl-C:\n"
    "    sudo local-gadget trace capabilities\n"
    "  What is one container denied, and where in the kernel?\n"
    "    sudo local-gadget trace capabilities -c web --verdict deny --print-stack\n"
    "  Which capabilities does a job need? One line each, for a script:\n"
    "    sudo local-gadget trace capabilities -c job --unique -o json -t 60\n"
    "  What is a program denied, run as myself? And what does it use as root?\n"
    "    sudo local-gadget trace capabilities -- make install\n"
    "    sudo local-gadget trace capabilities --as-root -- make install\n"
    "  Who asks for what, how often? A table every minute:\n"
    "    sudo local-gadget trace capabilities --summary --interval 1m\n"
    "  Wait for the first use of SYS_ADMIN by anybody:\n"
    "    sudo local-gadget trace capabilities --host --cap SYS_ADMIN --max-events 1\n"
    "  Denials into the system's journal, to be read with journalctl CONTAINER_NAME=web:\n"
    "    sudo local-gadget trace capabilities --verdict deny -o journal\n"
    "  Only what ordinary users are denied, but not by ping:\n"
    "    sudo local-gadget trace capabilities -F 'verdict:Deny,uid:>=1000,comm:!ping'\n"
    "  Containers of one service, by label:\n"
    "    sudo local-gadget trace capabilities --selector app=shop,tier!=test";

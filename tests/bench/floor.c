/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * floor OBJECT BACK-END: attaches the empty programs of that back-end, prints "attached", and holds
 * them until its standard input ends.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

static int attach(struct bpf_object *object, const char *backend)
{
    struct bpf_program *program;
    int attached = 0;

    bpf_object__for_each_program (program, object) {
        if (strncmp(bpf_program__name(program), backend, strlen(backend)) != 0)
            bpf_program__set_autoload(program, false);
    }
    if (bpf_object__load(object) < 0)
        return -1;
    bpf_object__for_each_program (program, object) {
        if (!bpf_program__autoload(program))
            continue;
        /* Held until the process ends. */
        if (!bpf_program__attach(program))
            return -1;
        attached++;
    }
    return attached > 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
    struct bpf_object *object;
    char byte;

    if (argc != 3) {
        fprintf(stderr, "usage: floor OBJECT BACK-END\n");
        return 2;
    }
    object = bpf_object__open_file(argv[1], NULL);
    if (!object || attach(object, argv[2]) < 0) {
        perror("floor");
        return 1;
    }
    puts("attached");
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    return 0;
}

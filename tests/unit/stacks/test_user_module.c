/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What files say of a place in them: this program's own file, and what objcopy makes of it. */
#include "src/stacks/user_module.h"

#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/unit/stacks/own_program.h"

static char directory[64];
static char text[256];

static int set_up(UNUSED void **state)
{
    (void)snprintf(directory, sizeof(directory), "/tmp/local-gadget-test-XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(UNUSED void **state)
{
    char command[128];

    (void)snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    return system(command);
}

/* The path of a file in our directory. */
static const char *path_of(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
    return path;
}

/* This program, as objcopy with these options makes it. */
static void make(const char *options, const char *name)
{
    char command[512];

    (void)snprintf(command, sizeof(command), "objcopy %s /proc/%d/exe %s", options, (int)getpid(),
                   path_of(name));
    assert_int_equal(system(command), 0);
}

static struct user_module *open_module(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    return user_module_new(fd, "sample", strlen("sample"));
}

static void format(struct user_module *module)
{
    user_module_format(module, own_offset_of((uintptr_t)own_function) + 1, text, sizeof(text));
}

static bool has_function(void)
{
    return strncmp(text, "own_function+0x1 [sample]", strlen("own_function+0x1 [sample]")) == 0;
}

static bool has_line(void)
{
    return strstr(text, "own_program.h:");
}

static bool has_address(void)
{
    char address[64];

    /* The linker puts code where its pages fall: the address is not the offset. */
    (void)snprintf(address, sizeof(address), "sample+0x%" PRIx64,
                   own_address_of((uintptr_t)own_function) + 1);
    return strcmp(text, address) == 0;
}

static void test_function_and_line(UNUSED void **state)
{
    struct user_module *module = open_module("/proc/self/exe");

    assert_non_null(module);
    assert_false(user_module_is_open(module));
    format(module);
    assert_true(has_function());
    assert_true(has_line());
    assert_true(user_module_is_open(module));
    user_module_close(module);
    assert_false(user_module_is_open(module));
    format(module);
    assert_true(has_function());
    user_module_format(module, UINT64_C(1) << 40, text, sizeof(text)); /* not in the file */
    assert_string_equal(text, "sample+0x10000000000");
    user_module_format(module, own_offset_of((uintptr_t)own_function) + 1, text, 8);
    assert_string_equal(text, "own_fun");
    user_module_free(&module);
    assert_null(module);
    user_module_free(&module);
}

/* Descriptors are taken in any case. */
static void test_no_module(UNUSED void **state)
{
    static const char *const contents[] = { "", "#!/bin/sh\n", "\177ELF", "\177ELF\2\1\1" };

    for (size_t i = 0; i < ARRAY_SIZE(contents); i++) {
        int fd = open(path_of("file"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        assert_true(fd >= 0);
        assert_true(write(fd, contents[i], strlen(contents[i])) >= 0);
        assert_null(user_module_new(fd, "file", 4));
        assert_int_equal(fcntl(fd, F_GETFD), -1);
    }
}

static void test_long_name(UNUSED void **state)
{
    static const char name[] =
        "0123456789012345678901234567890123456789012345678901234567890123456789";
    struct user_module *module =
        user_module_new(open("/proc/self/exe", O_RDONLY | O_CLOEXEC), name, strlen(name));

    assert_non_null(module);
    user_module_format(module, UINT64_C(1) << 40, text, sizeof(text));
    assert_memory_equal(text, name, 63);
    assert_string_equal(text + 63, "+0x10000000000");
    user_module_free(&module);
}

/* What a distribution has taken out is told by the file where it has put it. */
static void test_debug_file(UNUSED void **state)
{
    struct user_module *module;
    uint64_t size;

    make("--strip-all", "stripped");
    make("--only-keep-debug", "debug");
    module = open_module(path_of("stripped"));
    assert_non_null(module);
    format(module);
    assert_true(has_address());
    user_module_close(module);
    size = user_module_size(module);
    user_module_add_debug(module, open("/dev/null", O_RDONLY | O_CLOEXEC));
    assert_int_equal(user_module_size(module), size);
    user_module_add_debug(module, open(path_of("debug"), O_RDONLY | O_CLOEXEC));
    assert_true(user_module_size(module) > size);
    format(module);
    assert_true(has_function());
    assert_true(has_line());
    user_module_free(&module);
}

static void test_build_id(UNUSED void **state)
{
    struct user_module *module = open_module("/proc/self/exe");
    const uint8_t *id = user_module_build_id(module);
    uint8_t own[BUILD_ID_SIZE];

    own_build_id(own);
    assert_non_null(id);
    assert_memory_equal(id, own, BUILD_ID_SIZE);
    user_module_free(&module);
    make("--remove-section=.note.gnu.build-id", "without");
    module = open_module(path_of("without"));
    assert_null(user_module_build_id(module));
    user_module_free(&module);
}

/* Writes over a header of the file: of the first section whose name begins so. */
static void change(const char *path, const char *prefix,
                   void (*what)(Elf_Scn *section, GElf_Shdr *header, int fd))
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    Elf_Scn *section = NULL;
    bool found = false;
    size_t names;
    Elf *elf;

    (void)elf_version(EV_CURRENT);
    elf = elf_begin(fd, ELF_C_RDWR, NULL);
    assert_non_null(elf);
    assert_int_equal(elf_getshdrstrndx(elf, &names), 0);
    (void)elf_flagelf(elf, ELF_C_SET, ELF_F_LAYOUT);
    while (!found && (section = elf_nextscn(elf, section))) {
        GElf_Shdr header;

        assert_non_null(gelf_getshdr(section, &header));
        found = strncmp(elf_strptr(elf, names, header.sh_name), prefix, strlen(prefix)) == 0;
        if (found)
            what(section, &header, fd);
    }
    assert_true(found);
    assert_true(elf_update(elf, ELF_C_WRITE) >= 0);
    (void)elf_end(elf);
    close_fd(&fd);
}

static void say_compressed(Elf_Scn *section, GElf_Shdr *header, UNUSED int fd)
{
    header->sh_flags |= SHF_COMPRESSED;
    assert_true(gelf_update_shdr(section, header));
}

/* A gigabyte, it says. */
static void say_large(UNUSED Elf_Scn *section, GElf_Shdr *header, int fd)
{
    const uint64_t size = UINT64_C(1) << 30;

    assert_true(header->sh_flags & SHF_COMPRESSED);
    assert_int_equal(
        pwrite(fd, &size, sizeof(size), (off_t)(header->sh_offset + offsetof(Elf64_Chdr, ch_size))),
        sizeof(size));
}

/* What is packed is unpacked, within its bound; what is packed as nobody does is left alone. */
static void test_packed(UNUSED void **state)
{
    struct user_module *module;
    struct stat status;

    make("--compress-debug-sections=zlib", "packed");
    assert_int_equal(stat(path_of("packed"), &status), 0);
    module = open_module(path_of("packed"));
    assert_true(user_module_size(module) > (uint64_t)status.st_size);
    format(module);
    assert_true(has_function());
    assert_true(has_line());
    user_module_free(&module);

    change(path_of("packed"), ".debug_info", say_large);
    module = open_module(path_of("packed"));
    assert_true(user_module_size(module) < UINT64_C(1) << 29);
    format(module);
    assert_true(has_function());
    assert_false(has_line());
    user_module_free(&module);

    make("--compress-debug-sections=zlib-gnu", "old");
    module = open_module(path_of("old"));
    format(module);
    assert_true(has_function());
    assert_false(has_line());
    user_module_free(&module);
}

/* Lines may be in either file: what holds for one holds for both. */
static void test_packed_debug_file(UNUSED void **state)
{
    struct user_module *module;

    make("--strip-all", "stripped");
    make("--compress-debug-sections=zlib-gnu", "old");
    module = open_module(path_of("stripped"));
    user_module_add_debug(module, open(path_of("old"), O_RDONLY | O_CLOEXEC));
    format(module);
    assert_true(has_function());
    assert_false(has_line());
    user_module_free(&module);
}

/* Symbols never are packed: whoever says so wants something. */
static void test_packed_symbols(UNUSED void **state)
{
    struct user_module *module;

    make("", "symbols");
    change(path_of("symbols"), ".symtab", say_compressed);
    module = open_module(path_of("symbols"));
    assert_non_null(module);
    format(module);
    assert_true(has_address());
    user_module_free(&module);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_function_and_line), TEST(test_no_module),      TEST(test_long_name),
        TEST(test_debug_file),        TEST(test_build_id),       TEST(test_packed),
        TEST(test_packed_debug_file), TEST(test_packed_symbols),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

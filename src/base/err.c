typedef int err_is_to_come;

typedef int strings_is_to_come;

typedef int number_is_to_come;
